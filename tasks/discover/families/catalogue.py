"""Which families there are, by the name the registry uses."""

from __future__ import annotations

from schemas.errors import SettingsError
from tasks.discover.families.aspnet import AspNet
from tasks.discover.families.base import Family
from tasks.discover.families.epoint_rest import EpointRest
from tasks.discover.families.epoint_static import EpointStatic
from tasks.discover.families.epoint_webforms import EpointWebForms
from tasks.discover.families.generic import Generic
from tasks.discover.families.gkmlpt import Gkmlpt
from tasks.discover.families.hanweb_jpage import HanwebJpage
from tasks.discover.families.hanweb_xxgk import HanwebXxgk
from tasks.discover.families.jeecms import Jeecms
from tasks.discover.families.jpaas import Jpaas
from tasks.discover.families.legacy import Legacy
from tasks.discover.families.lonsun import Lonsun
from tasks.discover.families.siteserver import SiteServer
from tasks.discover.families.trs import Trs
from tasks.discover.families.truecms import TrueCms
from tasks.discover.families.ucap import Ucap
from tasks.discover.families.vsb import Vsb
from tasks.discover.families.webplus import WebPlus

_ALL: tuple[type[Family], ...] = (
    Trs, HanwebJpage, HanwebXxgk, Jpaas, TrueCms, EpointWebForms, EpointStatic, EpointRest, Ucap, Lonsun, Gkmlpt, Vsb,
    WebPlus, Jeecms, SiteServer, AspNet, Legacy, Generic,
)  # fmt: skip

FAMILIES: dict[str, type[Family]] = {family.name: family for family in _ALL}
AUTO = "auto"


def family(name: str) -> Family:
    """A family by its name. Raises SettingsError `settings.registry` for a name that is none."""
    if name not in FAMILIES:
        message = f"there is no family {name}; there are auto, {', '.join(FAMILIES)}"
        raise SettingsError("settings.registry", message)
    return FAMILIES[name]()

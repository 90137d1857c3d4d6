"""TLS is verified always; the registry can add certificates for a host or allow old handshakes, nothing else."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from schemas.errors import FetchTrouble
from schemas.site import Tls
from tasks.fetch.dial import tls_context
from tests.fetch.certificates import Signer, authority, server_certificate, server_context
from tests.fetch.servers import Reply, article, make_site, serve

NAME = "www.jiashi.gov.cn"


@pytest.fixture(scope="module")
def root() -> Signer:
    return authority("Test root")


def to(server):
    """A resolver that leads every name to the server's address, as a hosts file would."""
    return lambda *_: [(socket.AF_INET, server.host)]


def get(make_client, server, tls=None, name=NAME, **options):
    site = server.site(aliases=(f"{name}:{server.port}",), tls=tls or Tls())
    client = make_client(resolve=to(server), retries=0, **options)
    return client.fetch(f"https://{name}:{server.port}/a.html", site=site)


def trouble_of(make_client, server, tls=None, **options):
    with pytest.raises(FetchTrouble) as trouble:
        get(make_client, server, tls, **options)
    assert server.asked() == [], "nothing is sent over a connection that is not verified"
    return trouble.value


def serving(context, **options):
    return serve({"/a.html": Reply(article())}, context=context, **options)


def test_a_certificate_of_an_authority_in_the_bundle_is_accepted(make_client, tmp_path, root):
    context = server_context(tmp_path, server_certificate(root, NAME))
    bundle = root.save(tmp_path / "root.pem")
    with serving(context) as server:
        assert get(make_client, server, Tls(ca_bundle=str(bundle))).content == article()


def test_the_name_is_sent_and_checked_although_the_address_is_dialled(make_client, tmp_path, root):
    """The socket goes to the checked address; SNI, Host header and certificate check stay those of the name."""
    context = server_context(tmp_path, server_certificate(root, NAME))
    told: list[str] = []
    context.sni_callback = lambda _socket, name, _context: told.append(name)
    with serving(context) as server:
        get(make_client, server, Tls(ca_bundle=str(root.save(tmp_path / "root.pem"))))
        assert set(told) == {NAME}
        assert {one.headers["Host"] for one in server.seen} == {f"{NAME}:{server.port}"}


def test_a_relative_bundle_is_looked_for_in_the_folder_of_the_settings(make_client, tmp_path, root):
    context = server_context(tmp_path, server_certificate(root, NAME))
    root.save(tmp_path / "jiashi.pem")
    with serving(context) as server:
        assert get(make_client, server, Tls(ca_bundle="jiashi.pem"), ca_folder=tmp_path).evidence.status == 200


def test_an_unknown_authority_is_refused(make_client, tmp_path, root):
    with serving(server_context(tmp_path, server_certificate(root, NAME))) as server:
        trouble = trouble_of(make_client, server)
    assert trouble.code == "fetch.tls"
    assert "unable to get local issuer certificate" in trouble.message
    assert not trouble.recoverable


def test_a_self_signed_certificate_is_refused(make_client, tmp_path):
    with serving(server_context(tmp_path, server_certificate(None, NAME))) as server:
        assert "self-signed certificate" in trouble_of(make_client, server).message


def test_an_expired_certificate_is_refused_even_from_a_known_authority(make_client, tmp_path, root):
    bundle = Tls(ca_bundle=str(root.save(tmp_path / "root.pem")))
    with serving(server_context(tmp_path, server_certificate(root, NAME, expired=True))) as server:
        assert "certificate has expired" in trouble_of(make_client, server, bundle).message


@pytest.mark.parametrize("legacy", [False, True])
def test_a_certificate_for_another_name_is_refused(make_client, tmp_path, root, legacy):
    bundle = Tls(ca_bundle=str(root.save(tmp_path / "root.pem")), legacy_renegotiation=legacy)
    with serving(server_context(tmp_path, server_certificate(root, "other.gov.cn"))) as server:
        trouble = trouble_of(make_client, server, bundle)
    assert trouble.code == "fetch.tls"
    assert "Hostname mismatch" in trouble.message


def test_a_missing_intermediate_is_supplied_by_the_bundle(make_client, tmp_path, root, monkeypatch):
    """The usual fault of these servers. The root is in the public store; only the link to it is missing."""
    middle = authority("Test intermediate", root)
    public_store = root.save(tmp_path / "public.pem")
    monkeypatch.setattr("tasks.fetch.dial.certifi.where", lambda: str(public_store))
    bundle = Tls(ca_bundle=str(middle.save(tmp_path / "middle.pem")))
    with serving(server_context(tmp_path, server_certificate(middle, NAME))) as server:
        assert trouble_of(make_client, server).code == "fetch.tls"
        assert get(make_client, server, bundle).evidence.status == 200


def test_an_intermediate_alone_does_not_make_a_foreign_root_trusted(make_client, tmp_path, root):
    middle = authority("Test intermediate", root)
    bundle = Tls(ca_bundle=str(middle.save(tmp_path / "middle.pem")))
    with serving(server_context(tmp_path, server_certificate(middle, NAME), middle)) as server:
        assert trouble_of(make_client, server, bundle).code == "fetch.tls"


def test_the_bundle_of_one_host_is_not_trusted_at_another(make_client, tmp_path, root):
    context = server_context(tmp_path, server_certificate(root, NAME, "other.gov.cn"))
    with serving(context) as own, serving(context) as other:
        client = make_client(resolve=lambda *_: [(socket.AF_INET, own.host)], retries=0)
        bundle = Tls(ca_bundle=str(root.save(tmp_path / "root.pem")))
        client.fetch(f"https://{NAME}:{own.port}/a.html", site=own.site(aliases=(f"{NAME}:{own.port}",), tls=bundle))
        with pytest.raises(FetchTrouble) as trouble:
            client.fetch(
                f"https://other.gov.cn:{own.port}/a.html", site=other.site(aliases=(f"other.gov.cn:{own.port}",))
            )
    assert trouble.value.code == "fetch.tls"


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_a_bundle_that_cannot_be_read_is_told(make_client, tmp_path, root, content):
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    with serving(server_context(tmp_path, server_certificate(root, NAME))) as server:
        trouble = trouble_of(make_client, server, Tls(ca_bundle=str(bundle)))
    assert trouble.code == "fetch.tls"
    assert "bundle.pem" in trouble.message


def test_a_small_key_exchange_needs_the_exception_of_the_registry(make_client, tmp_path, root):
    """1024-bit DH is refused by default; the exception accepts it with the certificate verified as ever."""
    context = server_context(tmp_path, server_certificate(root, NAME, rsa=True))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("kDHE+AESGCM:@SECLEVEL=0")
    context.load_dh_params(str(Path(__file__).parent / "dh1024.pem"))
    bundle = str(root.save(tmp_path / "root.pem"))
    with serving(context) as server:
        trouble = trouble_of(make_client, server, Tls(ca_bundle=bundle))
        assert trouble.code == "fetch.tls"
        assert "outdated" in trouble.message
        assert get(make_client, server, Tls(ca_bundle=bundle, legacy_renegotiation=True)).evidence.status == 200


@pytest.mark.parametrize("tls", [Tls(), Tls(legacy_renegotiation=True)])
def test_no_setting_switches_verification_off(tls):
    context = tls_context(tls, None, "")
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert bool(context.options & 0x4) == tls.legacy_renegotiation


def test_plain_http_at_a_tls_port_is_a_tls_trouble(make_client):
    with serve({"/a.html": Reply(article())}) as server:
        assert trouble_of(make_client, server).code == "fetch.tls"


def test_a_connection_dropped_in_the_handshake_is_a_network_trouble(make_client):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drop():
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.close()

        thread = threading.Thread(target=drop, daemon=True)
        thread.start()
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(FetchTrouble) as trouble:
            make_client(retries=0).fetch(f"https://{host}/a", site=make_site(host))
        thread.join(5)
    assert trouble.value.code == "fetch.network"
    assert trouble.value.recoverable

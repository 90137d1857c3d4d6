"""The steps of the pipeline, a room each: discover, fetch, read, parse, validate, load, alert. No Prefect in here."""

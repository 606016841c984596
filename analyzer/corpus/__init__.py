"""Batch scoring: a corpus in, Parquet tables out, on one machine or with Ray. Needs the extra `corpus`."""

"""One page on a scored corpus: how its groups and years compare, what it concludes most often, what to read first."""

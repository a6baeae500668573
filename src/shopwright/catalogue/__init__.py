"""The product catalogue: records, readers, the demo catalogue, storage."""

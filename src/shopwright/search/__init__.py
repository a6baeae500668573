"""The search engine: text analysis and BM25 over a memory-mapped index."""

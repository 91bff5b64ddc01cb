"""What users run: wq_convert, wq_corpus, wq_evaluate and wq_train; flags are here only."""

"""Words in, exit code out. Knows the pipeline and the model, never a stage."""

"""Makes what the folders of tests share importable: `projects`, `reference`."""

"""`python -m kpiascode` is `kpi`."""

from kpiascode.cli.main import main

main()

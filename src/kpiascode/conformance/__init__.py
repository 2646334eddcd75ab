"""The conformance suite: a plugin for pytest that asks an engine whether it gives the right numbers.

pytest -p kpiascode.conformance.plugin --pyargs kpiascode.conformance --kpi-engine URL
"""

"""The only place that joins the stages. Each function reads as one sentence about a project.

Three modules, so that a command imports no more than it needs: `reading` understands a project, `asking`
plans, compiles and runs, `judging` assesses and renders.
"""

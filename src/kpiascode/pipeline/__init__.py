"""The only place that joins the stages. Each function reads as one sentence about a project.

Several modules, so that a command imports no more than it needs: `reading` understands a project, `asking`
plans, compiles and runs, `proving` holds data against definitions, `judging` assesses and renders.
"""

"""Where the review of a change is shown: the pull requests of GitHub, the merge requests of GitLab."""

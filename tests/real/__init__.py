"""Real organisations over real data, against an oracle that shares nothing with the product."""

"""Frameworks, evaluations, visits and the rectification ledger (一园一案). No models yet."""

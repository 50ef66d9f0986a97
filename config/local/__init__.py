"""What a machine of one's own needs: set-up, embedded servers, and `make run`.

Production never imports this package; it has its servers from Compose or from the county.
"""

"""A month's return as a workbook: filled in without a network, and read back.

`layout` says what stands where and in which version, `writing` makes the file, `reading` takes the
cells out of one that came back, `filling` puts them over the draft it was made from. What becomes
of that draft is the business of services/taking_in.py.
"""

"""Measure what the service withstands beside other servers in one run; each module has --help and --quick."""

"""What the service withstands, measured beside other servers in one run; each module has --help and --quick."""

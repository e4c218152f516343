"""Send what nobody thinks of to the whole service, and let another program judge the answers."""

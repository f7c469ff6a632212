"""The back-test as one page that can be read on a phone, printed and mailed."""

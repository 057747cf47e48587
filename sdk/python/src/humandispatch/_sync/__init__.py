"""The sync client. All but pages.py is generated from _async."""

"""W7: the store of record and its fast copy beside other ways to keep bars."""

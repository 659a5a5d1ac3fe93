// Names that the port needs beyond those found in its sources: none.

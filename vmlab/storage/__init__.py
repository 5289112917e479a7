"""Files on disk: uploads in pieces, and the inspection of images. Knows neither HTTP nor database.

    uploads/<key>       bytes of an upload under way      ──complete──>  files/<ab>/<key>
    uploads/<key>.map   one byte for each chunk: is it here?
    spool/<random>      one chunk on its way in

Names are random keys of our own; what people call their files never becomes part of a path. All
three folders are on one file system, so that a finished file appears by renaming. Whatever blocks
runs in threads of the store's own.
"""

from vmlab.storage.chunks import Ranges
from vmlab.storage.store import Busy, Store, opened
from vmlab.storage.writing import Received, Writer

__all__ = ["Busy", "Ranges", "Received", "Store", "Writer", "opened"]

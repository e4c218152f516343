"""Find, read and write the values of secrets, in AWS and in the local cloud alike."""

from tools.secrets.env_file import EnvFileError, keep, read
from tools.secrets.places import Place, place_of
from tools.secrets.store import Store, StoreError

__all__ = ["EnvFileError", "Place", "Store", "StoreError", "keep", "place_of", "read"]

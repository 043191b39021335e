"""Back up databases and keys, apart from each other and both encrypted, and restore them.

docs/adr/0014 says what stands in which of the two, and why.
"""

from talentpool.services.backup.identity import identities, new_identity, recipients
from talentpool.services.backup.restore import Restored, restore, restore_keys
from talentpool.services.backup.take import Taken, backup

__all__ = ["Restored", "Taken", "backup", "identities", "new_identity", "recipients", "restore", "restore_keys"]

"""What no task is responsible for: the cluster is looked at again and again, and the rows follow.

driver ──> one `cluster/resources` a tick ──> drift       what differs from the row
                                              identities  whose a guest is, where that is in doubt
                                              orphans     guests that no row knows
"""

from vmlab.reconcile.driver import Reconciler
from vmlab.reconcile.orphans import Orphan

__all__ = ["Orphan", "Reconciler"]

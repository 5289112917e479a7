"""What no task is responsible for: the cluster is looked at again and again, and the rows follow.

driver ──> one `cluster/resources` a tick ──> drift       what differs from the row
                                              identities  whose a guest is, where that is in doubt
                                              orphans     guests that no row knows
                                              moments     when it really happened
                                              notes       that it was not VMLab
       ──> the logs of Proxmox tasks      ──> pve_logs    kept before Proxmox forgets them
           others' on our guests as well      foreign_tasks
uploads ──> once an hour: those that nobody goes on with
housekeeping ──> once a minute: rows that are of no use any more
"""

from vmlab.reconcile.driver import Reconciler
from vmlab.reconcile.housekeeping import Housekeeping
from vmlab.reconcile.orphans import Orphan
from vmlab.reconcile.uploads import AbandonedUploads

__all__ = ["AbandonedUploads", "Housekeeping", "Orphan", "Reconciler"]

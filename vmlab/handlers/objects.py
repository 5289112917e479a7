"""What endpoints are *on*: each kind of object, and who may see it.

A kind gives one database condition for each scope of `vmlab.rules.access`. Lists filter by them and
single objects are loaded through them, so the two cannot differ. Loading and authorizing are one
step: an object outside the caller's sight is not found, one in sight may still be forbidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tortoise.expressions import Q, Subquery
from tortoise.models import Model

from vmlab.errors import Forbidden, NotFound
from vmlab.models import Course, File, Invitation, Task, Template, Upload, User, Vm
from vmlab.rules.access import Actor, Permission, Scope, scopes

M = TypeVar("M", bound=Model)

NO_ROW = Q(id__in=[])


@dataclass(frozen=True, kw_only=True)
class ObjectKind(Generic[M]):
    """One kind of object that has an id in the path."""

    name: str
    """The standard word for it, in the singular."""
    model: type[M]
    reads: Permission
    """Who holds it for an object sees the object."""
    related: Mapping[Scope, Callable[[Actor], Q]]
    """For each scope but ANY, the rows that stand in that relation to somebody."""
    present: Q = field(default_factory=Q)
    """Rows that count as being there at all."""
    joined: tuple[str, ...] = ()
    """Relations to load along with a single object."""

    def visible(self, actor: Actor, permission: Permission | None = None) -> Q:
        """The rows for which somebody holds a permission (that of reading if not named)."""
        held = scopes(actor, permission or self.reads)
        if Scope.ANY in held:
            return self.present
        conditions = [self.related[scope](actor) for scope in sorted(held & self.related.keys())]
        if not conditions:
            return NO_ROW
        return self.present & Q(*conditions, join_type=Q.OR)

    async def load(self, actor: Actor, needs: Permission, object_id: int) -> M:
        """Load one object for somebody who needs a permission on it.

        Raises:
            NotFound: it does not exist, or they may not see it.
            Forbidden: they see it, but lack the permission.
        """
        rows = self.model.filter(self.visible(actor), id=object_id)
        if (found := await rows.select_related(*self.joined).first()) is None:
            raise NotFound
        if not self._covers(actor, needs):
            allowed = self.model.filter(self.visible(actor, needs), id=object_id)
            if not await allowed.exists():
                raise Forbidden
        return found

    def _covers(self, actor: Actor, needs: Permission) -> bool:
        """Whether whoever may see an object of this kind surely holds the permission too."""
        held = scopes(actor, needs)
        return Scope.ANY in held or held >= scopes(actor, self.reads)


def _in_taught_course(actor: Actor) -> Q:
    return Q(course_id__in=sorted(actor.taught))


UserObject = ObjectKind(
    name="user",
    model=User,
    reads=Permission.USER_READ,
    related={Scope.OWN: lambda actor: Q(id=actor.user_id)},
)

CourseObject = ObjectKind(
    name="course",
    model=Course,
    reads=Permission.COURSE_READ,
    related={
        Scope.TAUGHT: lambda actor: Q(id__in=sorted(actor.taught)),
        Scope.ENROLLED: lambda actor: Q(id__in=sorted(actor.enrolled)),
    },
)

TemplateObject = ObjectKind(
    name="template",
    model=Template,
    reads=Permission.TEMPLATE_READ,
    related={
        Scope.TAUGHT: _in_taught_course,
        Scope.ENROLLED: lambda actor: Q(course_id__in=sorted(actor.enrolled)) | Q(is_public=True),
    },
    joined=("course", "owner"),
)

FileObject = ObjectKind(
    name="file",
    model=File,
    reads=Permission.FILE_READ,
    related={Scope.OWN: lambda actor: Q(owner_id=actor.user_id)},
    joined=("owner",),
)

UploadObject = ObjectKind(
    name="upload",
    model=Upload,
    reads=Permission.FILE_READ,
    related={Scope.OWN: lambda actor: Q(file__owner_id=actor.user_id)},
    joined=("file", "file__owner"),
)

VmObject = ObjectKind(
    name="vm",
    model=Vm,
    reads=Permission.VM_READ,
    related={
        Scope.OWN: lambda actor: Q(owner_id=actor.user_id),
        Scope.TAUGHT: _in_taught_course,
    },
    present=Q(deleted_at__isnull=True),
    joined=("owner", "course", "template"),
)

TaskObject = ObjectKind(
    name="task",
    model=Task,
    reads=Permission.TASK_READ,
    related={
        Scope.OWN: lambda actor: (
            Q(created_by_id=actor.user_id)
            | Q(
                target_type="vm",
                target_id__in=Subquery(Vm.filter(owner_id=actor.user_id).values("id")),
            )
        ),
        Scope.TAUGHT: _in_taught_course,
    },
)

InvitationObject = ObjectKind(
    name="invitation", model=Invitation, reads=Permission.INVITATION_MANAGE, related={}
)

AnyKind = ObjectKind[Any]

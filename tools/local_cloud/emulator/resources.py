"""Register a resource type that ministack lacks with its CloudFormation engine."""

from collections.abc import Callable
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services.cloudformation import provisioners

Props = dict[str, Any]
# A physical id and the attributes that Fn::GetAtt reads.
Made = tuple[str, Props]
Create = Callable[[str, Props, str], Made]
Delete = Callable[[str, Props], object]
Update = Callable[[str, Props, Props, str], Made]

HANDLERS: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS


def register(resource_type: str, *, create: Create, delete: Delete, update: Update | None = None) -> None:
    """Add a type; without `update`, a changed property replaces the resource as CloudFormation would."""

    def replace(_physical_id: str, _old: Props, new: Props, stack: str) -> Made:
        # The engine deletes the predecessor after the update, because the physical id differs.
        return create(resource_type.rsplit(":", 1)[1], new, stack)

    HANDLERS[resource_type] = {"create": create, "delete": delete, "update": update or replace}


def substitute(module: Any, name: str, ours: Any) -> None:
    """Replace a function of ministack that exists; an assignment alone would not notice that it has moved."""
    if not hasattr(module, name):
        raise AttributeError(f"{module.__name__} has no {name}")
    setattr(module, name, ours)


def new_id(prefix: str) -> str:
    """Return an EC2-style id such as `nat-0a1b2c3d4e5f60718`."""
    return f"{prefix}-{new_uuid().replace('-', '')[:17]}"


def name_for(logical_id: str, stack: str, *, longest: int) -> str:
    """Return the physical name CloudFormation would make up for a resource without one."""
    return str(provisioners._physical_name(stack, logical_id, max_len=longest))


def checked(response: tuple[int, object, object], resource_type: str) -> None:
    """Turn an emulator API error into the failure CloudFormation reports."""
    status, _, body = response
    if status >= 400:
        text = body.decode() if isinstance(body, bytes) else str(body)
        raise ValueError(f"{resource_type}: {text}")


def camel(value: Any) -> Any:
    """Return CloudFormation's PascalCase keys as the ECS API's camelCase."""
    return provisioners._pascal_to_camel(value)

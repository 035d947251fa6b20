"""Exports that another stack imports hold the exporting stack."""

import contextvars

import seam
import stack_records as records
from ministack.services import cloudformation as cfn
from ministack.services.cloudformation import helpers, stacks

NAME = "exports-in-use"
SUMMARY = ("A stack whose export is imported is not deleted: \"Delete canceled\", and it falls back to its former "
           "status; an update that changes or drops the export fails.")
DOCUMENTATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html"
REPLACES = (
    "ministack.services.cloudformation.handlers._delete_stack",
    "ministack.services.cloudformation.handlers._imported_export_names",
    "ministack.services.cloudformation.handlers._list_imports",
    "ministack.services.cloudformation.stacks._delete_stack_async",
    "ministack.services.cloudformation.stacks._resolve_stack_outputs",
    "ministack.services.cloudformation.stacks._roll_back_operation",
)

_in_delete_request = contextvars.ContextVar("in_delete_request", default=False)
_imported_export_names = None  # MiniStack's own
_HOLDS_NOTHING = ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")


def _importers(export_name, exporter_id):
    return sorted(stack["StackName"] for name, stack in cfn._stacks.items()
                  if stack["StackId"] != exporter_id and stack["StackStatus"] not in _HOLDS_NOTHING
                  and export_name in _imported_export_names(stack, name))


def _exports_in_use(stack_id, names):
    for name in names:
        if importers := _importers(name, stack_id):
            return name, ", ".join(importers)
    return None


def _cancel_delete_in_use(delete_stack_async):
    async def delete(stack_name, stack_id, *rest, **options):
        stack = cfn._stacks.get(stack_name)
        names = [output["ExportName"] for output in stack.get("Outputs", []) if output.get("ExportName")]
        in_use = _exports_in_use(stack_id, names)
        if not in_use:
            return await delete_stack_async(stack_name, stack_id, *rest, **options)
        former = stack["StackStatus"]
        reason = f"Delete canceled. Cannot delete export {in_use[0]} as it is in use by {in_use[1]}."
        itself = (stack_id, stack_name, stack_name, records.STACK_TYPE)
        stacks._add_event(*itself, "DELETE_IN_PROGRESS", physical_id=stack_id)
        stack["StackStatus"], stack["StackStatusReason"] = former, reason
        stacks._add_event(*itself, former, reason, stack_id)
    return delete


def _guard_exports_of_update(resolve_outputs):
    def resolve(outputs_defs, conditions, resources, parameters, mappings, stack_name, stack_id):
        outputs, exports = resolve_outputs(outputs_defs, conditions, resources, parameters, mappings, stack_name,
                                           stack_id)
        for name, export in exports.items():
            holder = cfn._exports.get(name)
            if holder and holder["StackId"] != stack_id:
                exporter = holder["StackId"].split("/")[1]
                raise ValueError(f"Export with name {name} is already exported by stack {exporter}. "
                                 "Rollback requested by user.")
        own = {name: export for name, export in list(cfn._exports.items()) if export["StackId"] == stack_id}
        for name, export in own.items():
            if exports.get(name, {}).get("Value") == export["Value"]:
                continue
            if in_use := _exports_in_use(stack_id, [name]):
                verb = "updated" if name in exports else "deleted"
                raise ValueError(f"Export {name} cannot be {verb} as it is in use by {in_use[1]}")
            if name not in exports:
                cfn._exports.pop(name)
        return outputs, exports
    return resolve


def _export_again(roll_back_operation):
    async def roll_back(stack_name, stack_id, stack, *rest, **options):
        await roll_back_operation(stack_name, stack_id, stack, *rest, **options)
        for output in stack.get("Outputs", []):
            if name := output.get("ExportName"):
                cfn._exports[name] = {"StackId": stack_id, "Name": name, "Value": output["OutputValue"]}
    return roll_back


def _list_imports(params):
    name = helpers._p(params, "ExportName")
    importers = _importers(name, exporter_id=None)
    if not importers:
        return helpers._error("ValidationError", f"Export '{name}' is not imported by any stack.")
    page, next_token, error = helpers._page(importers, params, "ListImports")
    if error:
        return error
    members = "".join(f"<member>{helpers._esc(importer)}</member>" for importer in page)
    return helpers._xml(200, "ListImportsResponse",
                        f"<ListImportsResult><Imports>{members}</Imports>{next_token}</ListImportsResult>")


def _leave_check_to_the_operation(delete_stack):
    def delete(params):
        scope = _in_delete_request.set(True)
        try:
            return delete_stack(params)
        finally:
            _in_delete_request.reset(scope)
    return delete


def _none_in_delete_request(imported_export_names):
    global _imported_export_names
    _imported_export_names = imported_export_names
    return lambda stack, name: set() if _in_delete_request.get() else imported_export_names(stack, name)


def apply():
    prefix = "ministack.services.cloudformation."
    seam.replace(f"{prefix}handlers._imported_export_names", _none_in_delete_request)
    seam.replace(f"{prefix}handlers._delete_stack", _leave_check_to_the_operation)
    seam.replace(f"{prefix}handlers._list_imports", lambda _: _list_imports)
    seam.replace(f"{prefix}stacks._roll_back_operation", _export_again)
    seam.replace(f"{prefix}stacks._delete_stack_async", _cancel_delete_in_use)
    seam.replace(f"{prefix}stacks._resolve_stack_outputs", _guard_exports_of_update)

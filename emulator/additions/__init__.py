"""What the launcher adds to MiniStack: one module for each behaviour of AWS.

An addition has NAME, SUMMARY (what AWS does, one sentence), DOCUMENTATION (the address that says so), REPLACES (the
MiniStack functions whose source it was written against; seam.replace puts new ones in their place) and apply().
They are applied in this order.
"""

import os

from additions import (
    async_invocations,
    call_log,
    codebuild_builds,
    codebuild_projects,
    codebuild_reports,
    condition_keys,
    custom_resources,
    deleting_stacks,
    ecr_archive,
    ecr_deletion,
    ecr_listing,
    ecr_push,
    ecr_repositories,
    error_names,
    exports_in_use,
    failed_creates,
    failure_reasons,
    faults,
    function_logs,
    function_properties,
    iam_groups,
    iam_paging,
    iam_roles,
    iam_users,
    injected_events,
    log_groups,
    nested_stacks,
    nested_updates,
    pass_role,
    policy_wildcards,
    resource_arns,
    rule_to_lambda,
    s3_buckets,
    s3_listing,
    service_role,
    stack_descriptions,
    stack_resources,
    stack_status_events,
    state_machines,
)

# Where two additions wrap the same function, the later one is called first.
ALL = (
    faults,
    call_log,
    injected_events,
    stack_descriptions,
    stack_resources,
    stack_status_events,
    failure_reasons,
    exports_in_use,
    failed_creates,
    nested_stacks,
    nested_updates,
    deleting_stacks,
    service_role,
    custom_resources,
    function_properties,
    async_invocations,
    error_names,
    rule_to_lambda,
    state_machines,
    ecr_archive,
    ecr_deletion,
    ecr_listing,
    ecr_push,
    ecr_repositories,
    resource_arns,
    policy_wildcards,
    condition_keys,
    codebuild_projects,
    codebuild_builds,
    codebuild_reports,
    iam_groups,
    iam_roles,
    iam_users,
    iam_paging,
    log_groups,
    s3_buckets,
    s3_listing,
    function_logs,
    pass_role,
)


class UnknownAddition(Exception):
    """CLEAN_EXIT_EMULATOR_OFF names an addition that does not exist."""


def switched_on():
    """The additions that CLEAN_EXIT_EMULATOR_OFF does not name."""
    off = {name.strip() for name in os.environ.get("CLEAN_EXIT_EMULATOR_OFF", "").split(",") if name.strip()}
    known = {addition.NAME for addition in ALL}
    if unknown := sorted(off - known):
        raise UnknownAddition(f"CLEAN_EXIT_EMULATOR_OFF names {', '.join(unknown)}, which is no addition; "
                              f"the additions are {', '.join(sorted(known))}.")
    return [addition for addition in ALL if addition.NAME not in off]

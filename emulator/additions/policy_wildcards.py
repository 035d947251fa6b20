"""What the wildcards of a policy stand for."""

import re

import seam

NAME = "policy-wildcards"
SUMMARY = "The wildcards of a policy stand for any character, a line break in the key of an object too."
DOCUMENTATION = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"
REPLACES = ("ministack.core.iam_evaluator._fnmatch_compile",)


def make_compile(compile_):
    def with_any_character(pattern, ignore_case):
        compiled = compile_(pattern, ignore_case)
        return re.compile(compiled.pattern, compiled.flags | re.DOTALL)
    return with_any_character


def apply():
    seam.replace(REPLACES[0], make_compile)

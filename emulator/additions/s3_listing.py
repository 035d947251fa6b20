"""Keys in listings, encoded for those that XML cannot hold."""

import re
from html import unescape
from urllib.parse import quote_plus

import seam
from ministack.services.s3 import _qp

NAME = "s3-listing"
SUMMARY = ("ListObjectVersions and ListMultipartUploads give keys and markers in the encoding of addresses when "
           "encoding-type asks for it, so that a key with control characters can be listed.")
DOCUMENTATION = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html"
REPLACES = ("ministack.services.s3._list_object_versions", "ministack.services.s3._list_multipart_uploads")

_NAMES = re.compile(rb"<(Key|KeyMarker|NextKeyMarker|Prefix|Delimiter)>(.*?)</\1>", re.DOTALL)
_FIRST_CHILD = re.compile(rb"(<List\w+Result[^>]*>)")


def _encoded(found):
    name, text = found[1], unescape(found[2].decode())
    return b"<%s>%s</%s>" % (name, quote_plus(text, safe="/").encode(), name)


def _encoding(list_):
    def list_encoded(bucket, query_params):
        status, headers, body = list_(bucket, query_params)
        if status != 200 or _qp(query_params, "encoding-type") != "url":
            return status, headers, body
        return status, headers, _FIRST_CHILD.sub(rb"\1<EncodingType>url</EncodingType>", _NAMES.sub(_encoded, body), 1)
    return list_encoded


def apply():
    for dotted in REPLACES:
        seam.replace(dotted, _encoding)

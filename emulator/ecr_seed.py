"""Filling a repository quickly. For benches and tests only: it goes past the ECR API, its permissions and its policies."""

import hashlib
import json

import control
import ecr_store
from ministack.services import ecr

_OCI = "application/vnd.oci.image"


def _manifest(media_type, **parts):
    text = json.dumps({"schemaVersion": 2, "mediaType": media_type, **parts})
    return text, "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _add(name, images, media_type, tag, size, **parts):
    text, digest = _manifest(media_type, **parts)
    record = ecr_store.new_record(name, text, media_type, digest, size)
    images.add(record)
    if tag:
        images.put_tag(record, tag)
    return {"mediaType": media_type, "digest": digest, "size": len(text)}


def seed(name, count, tag_prefix):
    """Put `count` images into the repository: pairs of a tagged index and its untagged child (an odd one is a tagged
    image). Their layers are not there, so they can be listed, described and deleted, but not pulled."""
    images = ecr_store.store(name)
    first = len(images)
    for pair in range((count + 1) // 2):
        tag = f"{tag_prefix}{first + pair}"
        layer = "sha256:" + hashlib.sha256(f"{name}/{tag}".encode()).hexdigest()
        child = {"config": {"mediaType": f"{_OCI}.config.v1+json", "digest": layer, "size": 1024},
                 "layers": [{"mediaType": f"{_OCI}.layer.v1.tar+gzip", "digest": layer, "size": 1_000_000}]}
        alone = pair == count // 2
        descriptor = _add(name, images, f"{_OCI}.manifest.v1+json", tag if alone else None, 1_001_024, **child)
        if not alone:
            _add(name, images, f"{_OCI}.index.v1+json", tag, 1_001_024, manifests=[descriptor])


def register():
    @control.route("POST", "/ecr/seed")
    async def seed_images(request):
        body = request.json()
        name, count, prefix = body.get("repository"), body.get("count"), body.get("tagPrefix", "seed-")
        if name not in ecr._repositories:
            raise control.BadRequest(f"repository: there is no ECR repository {name!r}; create it first")
        if not isinstance(count, int) or count < 1:
            raise control.BadRequest(f"count: {count!r} is not a whole number of at least 1")
        if not isinstance(prefix, str) or not prefix:
            raise control.BadRequest("tagPrefix: must be text of at least one character")
        seed(name, count, prefix)
        return 200, {"repository": name, "images": len(ecr_store.store(name))}

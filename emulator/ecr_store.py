"""The images of an ECR repository, indexed: by digest, by tag, and by the index manifests that refer to them."""

import json
import time
from bisect import bisect_left

from ministack.core.responses import error_response_json, get_account_id
from ministack.services import ecr

INDEX_MEDIA_TYPES = frozenset({
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
})


def parse_manifest(text):
    """The manifest as a dict; empty when it is not a JSON object."""
    try:
        manifest = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def children_of(manifest):
    """The digests that an index or manifest list refers to; empty for a single manifest."""
    return tuple(child["digest"] for child in manifest.get("manifests") or ()
                 if isinstance(child, dict) and "digest" in child)


class ImageStore:
    """Takes the place of MiniStack's list of image records, in order of their first push.

    MiniStack's own functions (the registry's /v2 among them) go on using it as a list and change records in place:
    whoever iterates over it makes the indexes stale, and they are built anew when next needed.
    """

    def __init__(self, records=()):
        self._records = {}  # sequence number -> record
        self._order = []    # every sequence number ever given, ascending; may hold numbers of deleted records
        self._next = 0
        self._by_digest = {}
        self._by_tag = {}
        self._parents = {}  # digest of a child -> set of digests of the indexes that refer to it
        self._stale = False
        for record in records:
            self.add(record)

    # What MiniStack does with its list.

    def __iter__(self):
        self._stale = True
        return iter(list(self._records.values()))

    def __len__(self):
        return len(self._records)

    def append(self, record):
        self.add(record)

    def remove(self, record):
        self.delete(record["imageDigest"])

    def __deepcopy__(self, memo):
        return [json.loads(json.dumps(record)) for record in self._records.values()]

    # The indexed access.

    def add(self, record):
        number = self._next
        self._next += 1
        self._records[number] = record
        self._order.append(number)
        self._index(number, record)

    def _index(self, number, record):
        digest = record["imageDigest"]
        self._by_digest[digest] = number
        for tag in record.get("imageTags", ()):
            self._by_tag[tag] = digest
        for child in children_of(parse_manifest(record.get("imageManifest"))):
            self._parents.setdefault(child, set()).add(digest)

    def _refresh(self):
        if self._stale:
            self._by_digest, self._by_tag, self._parents, self._stale = {}, {}, {}, False
            for number, record in self._records.items():
                self._index(number, record)

    def by_digest(self, digest):
        self._refresh()
        number = self._by_digest.get(digest)
        return None if number is None else self._records[number]

    def by_tag(self, tag):
        self._refresh()
        digest = self._by_tag.get(tag)
        return None if digest is None else self.by_digest(digest)

    def parents(self, digest):
        """The digests of the indexes in the repository that refer to `digest`, sorted."""
        self._refresh()
        return sorted(self._parents.get(digest, ()))

    def put_tag(self, record, tag):
        """Give the tag to this image, taking it from the one that had it."""
        holder = self.by_tag(tag)
        if holder is not None:
            self.drop_tag(holder, tag)
        record.setdefault("imageTags", []).append(tag)
        self._by_tag[tag] = record["imageDigest"]
        _name_last_tag(record)

    def drop_tag(self, record, tag):
        self._refresh()
        record["imageTags"].remove(tag)
        self._by_tag.pop(tag, None)
        _name_last_tag(record)

    def delete(self, digest):
        """Remove the image with its tags; True when it was there."""
        self._refresh()
        number = self._by_digest.pop(digest, None)
        if number is None:
            return False
        record = self._records.pop(number)
        for tag in record.get("imageTags", ()):
            self._by_tag.pop(tag, None)
        for child in children_of(parse_manifest(record.get("imageManifest"))):
            parents = self._parents.get(child)
            if parents is not None:
                parents.discard(digest)
                if not parents:
                    del self._parents[child]
        if len(self._order) > 2 * len(self._records) + 64:
            self._order = list(self._records)
        return True

    def from_number(self, number):
        """(sequence number, record) of every image from that number on."""
        for position in range(bisect_left(self._order, number), len(self._order)):
            record = self._records.get(self._order[position])
            if record is not None:
                yield self._order[position], record


def _name_last_tag(record):
    """Keep imageId as MiniStack's own functions read it: the digest and the newest tag."""
    record["imageId"] = {"imageDigest": record["imageDigest"]}
    if record["imageTags"]:
        record["imageId"]["imageTag"] = record["imageTags"][-1]


def store(name):
    """The repository's ImageStore; a list that MiniStack put there is taken over."""
    images = ecr._images.get(name)
    if not isinstance(images, ImageStore):
        images = ImageStore(images or ())
        ecr._images[name] = images
    return images


def new_record(name, manifest_text, media_type, digest, size):
    manifest = parse_manifest(manifest_text)
    record = {
        "registryId": get_account_id(), "repositoryName": name,
        "imageId": {"imageDigest": digest}, "imageDigest": digest, "imageTags": [],
        "imageManifest": manifest_text, "imageManifestMediaType": media_type,
        "imagePushedAt": int(time.time()), "imageSizeInBytes": size, "imageStatus": "ACTIVE",
    }
    artifact = manifest.get("artifactType") or (manifest.get("config") or {}).get("mediaType")
    if artifact:
        record["artifactMediaType"] = artifact
    subject = (manifest.get("subject") or {}).get("digest")
    if subject:
        record["subjectManifestDigest"] = subject
    return record


def error(code, message):
    return error_response_json(code, message, 400)


def invalid(message):
    return error("InvalidParameterException", message)


def no_repository(name):
    """AWS's error when the repository does not exist, else None."""
    if name in ecr._repositories:
        return None
    return error("RepositoryNotFoundException", f"The repository with name '{name}' does not exist in the registry "
                                                f"with id '{get_account_id()}'")


def wrong_length(member, value, shortest, longest):
    """AWS's error when the list `member` is shorter or longer than its model allows, else None."""
    if len(value) < shortest:
        return invalid(f"Invalid parameter at '{member}' failed to satisfy constraint: "
                       f"'Member must have length greater than or equal to {shortest}'")
    if len(value) > longest:
        return invalid(f"Invalid parameter at '{member}' failed to satisfy constraint: "
                       f"'Member must have length less than or equal to {longest}'")
    return None


def failure(image_id, code, reason):
    return {"imageId": image_id, "failureCode": code, "failureReason": reason}


def find(images, image_id):
    """(record, failure) of an image identifier: exactly one of the two is None."""
    digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
    if not digest and not tag:
        return None, failure(image_id, "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot "
                                                              "be null")
    if digest and ":" not in digest:
        return None, failure(image_id, "InvalidImageDigest", "Invalid request parameters: image digest should satisfy "
                                                             "the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'")
    record = images.by_digest(digest) if digest else images.by_tag(tag)
    if record is None:
        return None, failure(image_id, "ImageNotFound", "Requested image not found")
    if digest and tag and tag not in record["imageTags"]:
        return None, failure(image_id, "ImageTagDoesNotMatchDigest", "Requested image tag does not match the digest")
    return record, None

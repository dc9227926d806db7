"""Every error a user can meet, as one tree.

DeepTraceError
├── InputError                 what was given cannot be used; the same input fails again
│   ├── UnreadableMediaError   UNREADABLE_MEDIA
│   ├── MediaTooLargeError     MEDIA_TOO_LARGE
│   ├── DecoderFailedError     DECODER_FAILED
│   ├── MediaChangedError      MEDIA_CHANGED
│   ├── JobNotFoundError       JOB_NOT_FOUND
│   ├── ReportInvalidError     REPORT_INVALID
│   ├── ProofInvalidError      PROOF_INVALID
│   ├── VerificationFailedError  VERIFICATION_FAILED
│   ├── TimestampInvalidError  TIMESTAMP_INVALID
│   ├── KeystoreError          KEYSTORE
│   ├── LinkInvalidError       LINK_INVALID
│   ├── AccessDeniedError      ACCESS_DENIED
│   │   ├── OtherSiteError     OTHER_SITE
│   │   └── NotAllowedError    NOT_ALLOWED
│   ├── RequestInvalidError    REQUEST_INVALID
│   ├── FileTooLargeError      FILE_TOO_LARGE
│   ├── NotAVideoError         NOT_A_VIDEO
│   ├── WebhookRefusedError    WEBHOOK_REFUSED
│   ├── UploadNotFoundError    UPLOAD_NOT_FOUND
│   ├── UploadConflictError    UPLOAD_CONFLICT
│   └── SettingsError          SETTINGS_INVALID
├── ModelUnavailableError      MODEL_UNAVAILABLE
│   └── WeightsRejectedError   WEIGHTS_REJECTED
├── EnvironmentFault           this machine lacks something; mend it and try again
│   ├── StoreUnavailableError  DATABASE_UNAVAILABLE
│   ├── EmbeddedDatabaseError  EMBEDDED_DATABASE
│   ├── BlobMissingError       BLOB_MISSING
│   ├── DecoderUnavailableError  DECODER_UNAVAILABLE
│   ├── ChainUnavailableError  CHAIN_UNAVAILABLE
│   ├── WrongChainError        WRONG_CHAIN
│   ├── WrongContractError     WRONG_CONTRACT
│   ├── NoFundsError           NO_FUNDS
│   ├── AuthorityUnavailableError  AUTHORITY_UNAVAILABLE
│   ├── FeeTooHighError        FEE_TOO_HIGH
│   └── StartupError           STARTUP
└── ClaimEnded                 the worker no longer owns the job it is working on
    ├── LeaseLostError         LEASE_LOST
    └── JobCancelledError      CANCELLED

The docstring of a class is its default message. Each error says what happened and what to do, and
carries a stable code that reports, logs and clients may rely on.
"""

from typing import ClassVar


class DeepTraceError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "ERROR"
    default_advice: ClassVar[str] = "Try again. If it happens again, report it with the log."

    def __init__(self, what: str | None = None, *, advice: str | None = None) -> None:
        self.what = what or (type(self).__doc__ or "").strip()
        self.advice = advice or self.default_advice
        super().__init__(self.what)

    def diagnostics(self) -> str:
        """What happened and what to do, for a person."""
        return f"{self.what} {self.advice}"


class InputError(DeepTraceError):
    """What was given cannot be used."""

    code = "INPUT"
    default_advice = "Check the file and try again."


class UnreadableMediaError(InputError):
    """The file could not be read."""

    code = "UNREADABLE_MEDIA"
    default_advice = "Check that the file plays elsewhere, or get it again from its source."


class MediaTooLargeError(InputError):
    """The picture is larger than this system accepts."""

    code = "MEDIA_TOO_LARGE"
    default_advice = "Make a smaller copy, and keep the original: the report will name the copy."


class DecoderFailedError(InputError):
    """The decoder failed while reading this file. No result was produced."""

    code = "DECODER_FAILED"
    default_advice = (
        "The file is damaged, or made to do harm. If it plays elsewhere, convert it, for example to MP4 "
        "with H.264, and submit the copy: the report will name the copy."
    )


class MediaChangedError(InputError):
    """The stored file is not the file that was submitted: its SHA-256 differs."""

    code = "MEDIA_CHANGED"
    default_advice = "Submit the original file again, and check the disk it was stored on."


class JobNotFoundError(InputError):
    """No job with this address. It may have been deleted, or the link may be incomplete."""

    code = "JOB_NOT_FOUND"
    default_advice = "Look for the file in the history."


class ReportInvalidError(InputError):
    """This is not a report that DeepTrace can read."""

    code = "REPORT_INVALID"
    default_advice = "Use the JSON file exactly as it was downloaded."


class ProofInvalidError(InputError):
    """This is not a proof that DeepTrace can read."""

    code = "PROOF_INVALID"
    default_advice = "Use the file exactly as it was downloaded."


class VerificationFailedError(InputError):
    """Something that was to be checked does not hold."""

    code = "VERIFICATION_FAILED"
    default_advice = "The lines above say what was found. Do not rely on what does not hold."


class TimestampInvalidError(InputError):
    """This is not a time stamp that DeepTrace can read."""

    code = "TIMESTAMP_INVALID"
    default_advice = (
        "Use the .tsr file exactly as it was written, and the certificate of its authority's root."
    )


class KeystoreError(InputError):
    """The keystore could not be opened."""

    code = "KEYSTORE"
    default_advice = "Check DEEPTRACE_KEYSTORE and DEEPTRACE_KEYSTORE_PASSWORD_FILE."


class LinkInvalidError(InputError):
    """This link is not valid, or no longer."""

    code = "LINK_INVALID"
    default_advice = "Open the page that showed it again: each visit makes new links."


class AccessDeniedError(InputError):
    """This needs a login or a token."""

    code = "ACCESS_DENIED"
    default_advice = "Send a token that this server knows: Authorization: Bearer TOKEN"


class OtherSiteError(AccessDeniedError):
    """Another web site made this browser ask."""

    code = "OTHER_SITE"
    default_advice = "Ask from a program, or from a page of this server."


class NotAllowedError(AccessDeniedError):
    """Your role does not allow this."""

    code = "NOT_ALLOWED"
    default_advice = "Ask somebody who may, or an administrator for another role."


class RequestInvalidError(InputError):
    """The request cannot be understood."""

    code = "REQUEST_INVALID"
    default_advice = "The addresses and what they take are in /api/openapi.json."


class FileTooLargeError(InputError):
    """The file is larger than is accepted here."""

    code = "FILE_TOO_LARGE"
    default_advice = "Make a smaller copy, and keep the original: the report will name the copy."


class NotAVideoError(InputError):
    """This is no video, picture or sound file: its first bytes are those of no kind known here."""

    code = "NOT_A_VIDEO"
    default_advice = (
        "Choose a video (MP4, MOV, MKV, WebM, AVI, MPEG, TS, WMV, FLV, OGG, GIF), a picture (JPEG, PNG, "
        "WebP, BMP, TIFF) or a sound file (MP3, M4A, AAC, WAV, FLAC, OGG, Opus)."
    )


class WebhookRefusedError(InputError):
    """This is no address that a webhook may have."""

    code = "WEBHOOK_REFUSED"
    default_advice = "Use https:// and a host on the public Internet, or set DEEPTRACE_WEBHOOK_PRIVATE=yes."


class UploadNotFoundError(InputError):
    """There is no such upload. It was cancelled, or waited for more than a day."""

    code = "UPLOAD_NOT_FOUND"
    default_advice = "Upload the file again."


class UploadConflictError(InputError):
    """The upload goes on elsewhere."""

    code = "UPLOAD_CONFLICT"
    default_advice = "Ask how much has arrived, and go on from there."


class SettingsError(InputError):
    """A setting has a value that cannot be used."""

    code = "SETTINGS_INVALID"
    default_advice = "Correct the environment variable and start again."


class ModelUnavailableError(DeepTraceError):
    """The detector's weights are not on this machine."""

    code = "MODEL_UNAVAILABLE"
    default_advice = "Run: python -m worker models pull NAME"


class WeightsRejectedError(ModelUnavailableError):
    """The weights file is not the one that was expected."""

    code = "WEIGHTS_REJECTED"
    default_advice = "Delete the file and pull it again."


class EnvironmentFault(DeepTraceError):
    """This machine lacks something that DeepTrace needs."""

    code = "ENVIRONMENT"


class StoreUnavailableError(EnvironmentFault):
    """The database cannot be reached. Nothing is lost; work goes on when it is back."""

    code = "DATABASE_UNAVAILABLE"
    default_advice = "Check that MongoDB is running and that DEEPTRACE_MONGODB_URI is right."


class EmbeddedDatabaseError(EnvironmentFault):
    """The embedded database could not be started."""

    code = "EMBEDDED_DATABASE"
    default_advice = (
        "Use a MongoDB of your own (DEEPTRACE_MONGODB_URI=mongodb://...), "
        "or run everything in containers: docker compose up."
    )


class BlobMissingError(EnvironmentFault):
    """A stored file is missing."""

    code = "BLOB_MISSING"
    default_advice = "Check DEEPTRACE_BLOBS: all processes must see the same storage."


class DecoderUnavailableError(EnvironmentFault):
    """The process that decodes videos could not be started, or was killed from outside."""

    code = "DECODER_UNAVAILABLE"
    default_advice = "Check that this machine has memory to spare, and look into the worker's log."


class ChainUnavailableError(EnvironmentFault):
    """No node of the chain can be reached. Nothing is lost; anchoring goes on when one answers again."""

    code = "CHAIN_UNAVAILABLE"
    default_advice = "Check the connection of the notary's machine, and DEEPTRACE_CHAIN_RPC."


class WrongChainError(EnvironmentFault):
    """The node belongs to another chain. Nothing was written."""

    code = "WRONG_CHAIN"
    default_advice = "Correct DEEPTRACE_CHAIN or DEEPTRACE_CHAIN_RPC, and start the notary again."


class WrongContractError(EnvironmentFault):
    """The code at the contract's address is not that of ReportAnchor. Nothing was written."""

    code = "WRONG_CONTRACT"
    default_advice = "Correct DEEPTRACE_CHAIN_CONTRACT, and start the notary again."


class NoFundsError(EnvironmentFault):
    """The issuer's account cannot pay for the transaction. Nothing was written."""

    code = "NO_FUNDS"


class AuthorityUnavailableError(EnvironmentFault):
    """The time-stamping authority does not answer."""

    code = "AUTHORITY_UNAVAILABLE"
    default_advice = "Check the address, or ask another authority. Nothing was stamped."


class FeeTooHighError(EnvironmentFault):
    """The chain asks for a higher fee than is allowed here. Nothing was written."""

    code = "FEE_TOO_HIGH"
    default_advice = "Wait until fees are lower, or raise DEEPTRACE_CHAIN_FEE_CAP_GWEI."


class StartupError(EnvironmentFault):
    """DeepTrace could not start."""

    code = "STARTUP"


class ClaimEnded(DeepTraceError):
    """The worker no longer owns the job."""

    code = "CLAIM_ENDED"


class LeaseLostError(ClaimEnded):
    """The lease on the job ran out, and another worker may have taken it."""

    code = "LEASE_LOST"
    default_advice = "Nothing to do: the job is or will be done by another worker."


class JobCancelledError(ClaimEnded):
    """The job was cancelled."""

    code = "CANCELLED"
    default_advice = "Submit the file again if it should be analyzed after all."

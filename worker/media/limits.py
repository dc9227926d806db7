"""How much one file may cost: every limit on the decoder, and why it is what it is."""

from dataclasses import dataclass

GIB = 2**30
MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the decoder of one file may use. Files that people make stay far below all of these."""

    picture_px: int = 50 * MILLION
    """Pixels of one picture: 8K video has 33 million. A decoded picture takes 3 bytes for each."""

    frames: int = 4 * MILLION
    """Frames of one video: 18 hours at 60 a second. Each takes 8 bytes in the index."""

    packets: int = 32 * MILLION
    """Packets of all streams. Sound and subtitles come beside the frames: 8 packets for each are plenty."""

    address_space_bytes: int = 4 * GIB
    """Memory that the decoder may ask for, reserved or used. Measured with 8 threads: Python with
    FFmpeg and a small video 0.4 GiB, 8K H.264 1.9 GiB, 8K HEVC of 10 bits 2.5 GiB; a turned still picture of
    49 million pixels 0.8 (16 bits) to 1.5 GiB (WebP)."""

    threads: int = 8
    """Decoding threads, however many cores there are: each holds another picture in memory."""

    ahead_frames: int = 8
    """Frames decoded ahead of the pipeline, so that decoding and detection overlap."""

    ahead_bytes: int = 64 * 2**20
    """... and the memory they may take: 10 frames of 1080p, 2 of 4K."""

    open_files: int = 32
    """The file, three pipes, and what the C library opens for a moment."""

    audio_s: float = 100 * 3600
    """Seconds of sound in one track."""

    manifest_bytes: int = 20 * MILLION
    """The manifest of Content Credentials. It holds texts, hashes and small pictures: a few MB at most."""

    start_s: float = 60.0
    """Until the decoder is ready: it imports for 0.2 s, on a cold disk under load for several seconds."""

    silence_s: float = 60.0
    """Without a frame or a sign of progress. The slowest honest step is one 8K frame: about a second."""

    cpu_base_s: float = 60.0
    """CPU time for opening and for the first frames."""

    cpu_packet_s: float = 0.002
    """CPU time more for each packet listed. Measured: 20 µs."""

    cpu_frame_s: float = 0.05
    """CPU time more for each frame decoded ..."""

    cpu_megapixel_s: float = 0.1
    """... and for each million pixels of it: about 25 times what 1080p H.264 was measured to take (10 ms
    a frame), since newer codecs take up to 5 times as much. So a long video may take long, and a short
    one may not."""

    cpu_audio_s: float = 0.2
    """CPU time more for each second of sound. Measured, 5.1 AAC at 96 kHz brought to 16 kHz: 10 ms."""

    def cpu_s(self, *, packets: int = 0, frames: int = 0, picture_px: int = 0, audio_s: float = 0) -> int:
        """CPU seconds that may be spent by the time this much has been done."""
        frame_s = self.cpu_frame_s + self.cpu_megapixel_s * picture_px / MILLION
        return round(
            self.cpu_base_s + self.cpu_packet_s * packets + frame_s * frames + self.cpu_audio_s * audio_s
        )

"""The forms in which a finished job can be taken away. A new one is a file here and a line below."""

from deeptrace_core.formats.bundle_zip import BundleZip
from deeptrace_core.formats.interface import ReportFormat
from deeptrace_core.formats.report_html import ReportHtml
from deeptrace_core.formats.report_json import ReportJson
from deeptrace_core.formats.scores_csv import ScoresCsv

FORMATS: tuple[ReportFormat, ...] = (ReportHtml(), ReportJson(), ScoresCsv(), BundleZip())

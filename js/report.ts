// The script of the pages that `to_html` writes: formats/report.py puts it into each of them.

import { mountReport } from "./report/page";

mountReport(document.body);

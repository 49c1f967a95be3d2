/*
 * qc/index.html: one row a case with its picture, to be looked through with the keyboard. The verdicts live in the
 * browser until they are saved as qc.tsv, which the next batch takes (--exclude). Rows are data, not markup: what comes
 * from a manifest is escaped.
 */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "batch/summary.h"
#include "batch/text_file.h"
#include "teno/tendon.h"

static const char page_head[] =
    "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Teno: cases</title>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>\n"
    ":root{color-scheme:light dark}body{font:15px/1.4 system-ui,sans-serif;margin:1.5rem}\n"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid "
    "#8886}\n"
    "th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible{outline:2px solid}\n"
    "tr[aria-selected=true]{outline:2px solid #3b82f6}img{max-height:7rem;max-width:16rem}\n"
    "tr[aria-selected=true] img{max-height:26rem;max-width:60rem}\n"
    ".failed,.missing{color:#b91c1c}.not_assessable,.not_comparable{color:#b45309}\n"
    "@media "
    "(prefers-color-scheme:dark){.failed,.missing{color:#fca5a5}.not_assessable,.not_comparable{color:#fcd34d}}\n"
    "input{font:inherit;padding:.3rem;min-width:16rem}\n"
    "</style></head><body><h1>Cases</h1>\n"
    "<p><label>Filter <input id=\"filter\" type=\"search\"></label> <span id=\"count\" role=\"status\"></span>\n"
    "<button id=\"save\">Save qc.tsv</button></p>\n"
    "<p>Keys: <kbd>j</kbd> <kbd>k</kbd> next and previous case, <kbd>a</kbd> accept, <kbd>r</kbd> reject,\n"
    "<kbd>c</kbd> to be corrected, <kbd>u</kbd> undo, <kbd>Enter</kbd> open the report. The saved list goes to\n"
    "<code>teno batch --exclude qc.tsv</code>; a path in its column <code>mask</code> is measured instead.\n"
    "Research use; not a diagnosis.</p>\n"
    "<table><thead><tr><th><button>Case</button></th><th><button>Arm</button></th><th><button>Outcome</button></th>"
    "<th><button>Result</button></th><th>Picture</th><th><button>Verdict</button></th></tr></thead><tbody>\n";

static const char page_tail[] =
    "</tbody></table><script>\n"
    "const rows=[...document.querySelectorAll('tbody tr')],body=document.querySelector('tbody');\n"
    "const store='teno-qc:'+location.pathname;let verdicts={};\n"
    "try{verdicts=JSON.parse(localStorage.getItem(store)||'{}')}catch{}\n"
    "const show=r=>r.cells[5].textContent=verdicts[r.dataset.case]||'';rows.forEach(show);\n"
    "const seen=()=>[...body.rows].filter(r=>!r.hidden);let at=null;\n"
    "function select(r){if(!r)return;if(at)at.setAttribute('aria-selected','false');at=r;\n"
    "  r.setAttribute('aria-selected','true');r.scrollIntoView({block:'nearest'})}\n"
    "function mark(v){if(!at)return;if(v)verdicts[at.dataset.case]=v;else delete verdicts[at.dataset.case];\n"
    "  try{localStorage.setItem(store,JSON.stringify(verdicts))}catch{}show(at);if(v)move(1)}\n"
    "function move(d){const s=seen();select(s[Math.max(0,Math.min(s.length-1,s.indexOf(at)+d))])}\n"
    "const filter=document.getElementById('filter');\n"
    "filter.oninput=()=>{const t=filter.value.toLowerCase();\n"
    "  rows.forEach(r=>r.hidden=!r.textContent.toLowerCase().includes(t));count()};\n"
    "function count(){document.getElementById('count').textContent=seen().length+' of '+rows.length+' cases'}count();\n"
    "document.querySelectorAll('th button').forEach(b=>b.onclick=()=>{const i=b.parentNode.cellIndex;\n"
    "  const up=b.dataset.up!=='1';b.dataset.up=up?'1':'0';\n"
    "  "
    "rows.sort((x,y)=>x.cells[i].textContent.localeCompare(y.cells[i].textContent,undefined,{numeric:true})*(up?1:-1));"
    "\n"
    "  rows.forEach(r=>body.append(r))});\n"
    "rows.forEach(r=>r.onclick=()=>select(r));\n"
    "document.onkeydown=e=>{if(e.target===filter||e.ctrlKey||e.metaKey||e.altKey)return;\n"
    "  const f={j:()=>move(1),k:()=>move(-1),a:()=>mark('accept'),r:()=>mark('reject'),c:()=>mark('correct'),\n"
    "    u:()=>mark(''),Enter:()=>at&&at.querySelector('a')&&(location=at.querySelector('a').href)}[e.key];\n"
    "  if(f&&!(e.key==='Enter'&&e.target.tagName==='BUTTON')){f();e.preventDefault()}};\n"
    "document.getElementById('save').onclick=()=>{let t='case\\tverdict\\tmask\\n';\n"
    "  Object.keys(verdicts).sort().forEach(k=>t+=k+'\\t'+verdicts[k]+'\\tn/a\\n');\n"
    "  const a=document.createElement('a');a.href=URL.createObjectURL(new Blob([t],{type:'text/plain'}));\n"
    "  a.download='qc.tsv';a.click()};\n"
    "</script></body></html>\n";

static double quantity_value(const json_t *tendon, const char *group, const char *name)
{
    const json_t *holder = group ? json_object_get(tendon, group) : tendon;
    return json_number_value(json_object_get(json_object_get(holder, name), "value"));
}

/* "achilles: partial_low, tear 312 mm3" from the case's report; nothing where there is none. */
static void add_result(Text *text, const CaseRow *row, const char *out)
{
    char path[PATH_MAX];
    size_t i;
    json_t *tendon;
    bool pair = strcmp(row->kind, "compare") == 0;
    path_set(path, "%s/%s/%s", out, row->folder, pair ? "compare.json" : "report.json");
    json_t *report = json_load_file(path, 0, NULL);
    json_array_foreach(json_object_get(report, "tendons"), i, tendon)
    {
        const char *name = json_string_value(json_object_get(tendon, "name"));
        const char *grade = json_string_value(json_object_get(json_object_get(tendon, "grade"), "value"));
        const json_t *change = json_object_get(json_object_get(tendon, "changes"), "tear_volume_mm3");
        const char *verdict = json_string_value(json_object_get(change, "verdict"));
        text_add_escaped(text, name ? name : "");
        if (grade) text_add(text, ": %s, tear %.0f mm³; ", grade, quantity_value(tendon, "tear", "volume_mm3"));
        if (verdict)
            text_add(text, ": tear volume %s (%+.0f mm³); ", verdict,
                     json_number_value(json_object_get(change, "difference")));
    }
    json_decref(report);
}

static void add_picture(Text *text, const CaseRow *row, const char *out)
{
    static const char *const kinds[] = {"montage", "side_by_side"};
    for (int t = 0; t < tendon_count; t++)
        for (int k = 0; k < 2; k++) {
            char path[PATH_MAX], name[128];
            struct stat info;
            snprintf(name, sizeof name, "overlays/%s_%s.png", tendon_table[t].name, kinds[k]);
            path_set(path, "%s/%s/%s", out, row->folder, name);
            if (stat(path, &info) != 0) continue;
            text_add(text, "<img loading=\"lazy\" alt=\"%s, %s\" src=\"../%s/%s\">", tendon_table[t].display_name,
                     row->name, row->folder, name);
            return;
        }
}

static void add_row(Text *text, const CaseRow *row, const char *out)
{
    const char *outcome = case_row_outcome(row);
    text_add(text, "<tr data-case=\"%s\" aria-selected=\"false\"><td>", row->name);
    if (row->known && stamp_finished(&row->stamp))
        text_add(text, "<a href=\"../%s/report.html\">%s</a>", row->folder, row->name);
    else
        text_add(text, "%s", row->name);
    text_add(text, "</td><td>");
    text_add_escaped(text, strcmp(row->arm, "n/a") == 0 ? "" : row->arm);
    text_add(text, "</td><td class=\"%s\">%s</td><td>", outcome, outcome);
    if (row->known && row->stamp.status == TENO_OK) add_result(text, row, out);
    if (row->known) text_add_escaped(text, row->stamp.message);
    text_add(text, "</td><td>");
    add_picture(text, row, out);
    text_add(text, "</td><td></td></tr>\n");
}

int index_page_write(const char *out, const Table *cohort, Error *error)
{
    char path[PATH_MAX], partial[PATH_MAX];
    FILE *file;
    Text text = {0};
    path_set(path, "%s/qc/index.html", out);
    int code = partial_open(&file, partial, path, error);
    if (code) return code;
    fputs(page_head, file);
    for (int i = 1; i < cohort->n_rows; i++) {
        CaseRow row;
        case_row_read(&row, cohort, i, out);
        text.length = 0;
        add_row(&text, &row, out);
        fwrite(text.data, 1, text.length, file);
    }
    fputs(page_tail, file);
    text_free(&text);
    return partial_close(file, partial, path, TENO_OK, error);
}

/* The readable files of src/output/html, made part of the library by CMakeLists.txt. Terminated texts. */
#ifndef TENO_OUTPUT_ASSETS_H
#define TENO_OUTPUT_ASSETS_H

extern const char asset_page_css[], asset_viewer_js[], asset_plot_js[];
extern const char asset_index_head_html[], asset_index_tail_html[]; /* of a batch, around the rows */

#endif

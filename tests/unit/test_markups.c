/* Seeds as 3D Slicer saves them: both formats, both coordinate systems, and what is wrong in a file is named. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "teno/markups.h"

static int read_text(Markups *out, const char *text, Error *error)
{
    char path[] = "/tmp/teno-markups-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    int code = markups_read(out, path, error);
    unlink(path);
    return code;
}

static void check_point(const NamedPoint *point, const char *tendon, double x, double y, double z)
{
    assert_string_equal(point->tendon, tendon);
    check_near(point->p_lps.x, x, 1e-9);
    check_near(point->p_lps.y, y, 1e-9);
    check_near(point->p_lps.z, z, 1e-9);
}

static void json_of_slicer(void **state)
{
    (void)state;
    static const char *text =
        "{\"@schema\": "
        "\"https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/"
        "markups-schema-v1.0.3.json#\", \"markups\": [{\"type\": \"Fiducial\", \"coordinateSystem\": \"LPS\", "
        "\"coordinateUnits\": \"mm\", \"controlPoints\": ["
        "{\"id\": \"1\", \"label\": \"achilles-1\", \"position\": [-24.5, 30.25, 40], \"positionStatus\": \"defined\"},"
        "{\"id\": \"2\", \"label\": \"F-2\", \"position\": [0, 0, 0], \"positionStatus\": \"undefined\"},"
        "{\"id\": \"3\", \"label\": \"not achilles\", \"position\": [1, 2, 3], \"positionStatus\": \"defined\"},"
        "{\"id\": \"4\", \"label\": \"notch\", \"position\": [1, 2, 3]}]},"
        "{\"type\": \"Fiducial\", \"coordinateSystem\": \"RAS\", \"controlPoints\": ["
        "{\"label\": \"Peroneus_Longus 2\", \"position\": [1.5, -2, 3]}]}]}";
    Markups markups;
    Error error = {0};
    int code = read_text(&markups, text, &error);
    if (code) print_error("%s\n", error.message);
    assert_int_equal(code, TENO_OK);
    assert_int_equal(markups.n_seeds, 3);
    assert_int_equal(markups.n_excluded, 1);
    check_point(&markups.seeds[0], "achilles", -24.5, 30.25, 40);
    check_point(&markups.seeds[1], "", 1, 2, 3);
    check_point(&markups.seeds[2], "peroneus_longus", -1.5, 2, 3);
    check_point(&markups.excluded[0], "achilles", 1, 2, 3);
    markups_free(&markups);
    markups_free(&markups);
}

static void table_of_older_slicers(void **state)
{
    (void)state;
    static const char *columns = "# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID\r\n";
    static const char *row = "vtkMRMLMarkupsFiducialNode_0,10.5,-20,30,0,0,0,1,1,1,0,fhl 1,,\r\n";
    static const struct {
        const char *header;
        double sign;
    } systems[] = {{"# CoordinateSystem = 0\r\n", -1},
                   {"# CoordinateSystem = RAS\r\n", -1},
                   {"# CoordinateSystem = LPS\r\n", 1},
                   {"# CoordinateSystem = 1\r\n", 1},
                   {"", -1}};
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++) {
        char text[1000];
        snprintf(text, sizeof text, "# Markups fiducial file version = 4.11\r\n%s%s%s", systems[i].header, columns,
                 row);
        Markups markups;
        assert_int_equal(read_text(&markups, text, NULL), TENO_OK);
        assert_int_equal(markups.n_seeds, 1);
        check_point(&markups.seeds[0], "fhl", systems[i].sign * 10.5, systems[i].sign * -20, 30);
        markups_free(&markups);
    }
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "holds no point"},
        {"{\"markups\": 3}", "no list of markups"},
        {"{\"markups\": [", "line 1"},
        {"{\"markups\": [{\"controlPoints\": []}]}", "coordinate system 'missing'"},
        {"{\"markups\": [{\"coordinateSystem\": \"IJK\"}]}", "coordinate system 'IJK', wanted LPS or RAS"},
        {"{\"markups\": [{\"coordinateSystem\": \"LPS\", \"coordinateUnits\": \"um\"}]}", "coordinates in 'um'"},
        {"{\"markups\": [{\"coordinateSystem\": \"LPS\", \"controlPoints\": [{\"position\": [1, 2]}]}]}",
         "markup 1, point 1: no position"},
        {"# CoordinateSystem = 2\n", "coordinate system '2'"},
        {"# CoordinateSystem = LPS\na,1,2\n", "line 2: no number in column 'z'"},
        {"a,1,two,3\n", "line 1: no number in column 'y'"},
        {"a,1,inf,3\n", "line 1: no number in column 'y'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Markups markups;
        Error error = {0};
        assert_int_equal(read_text(&markups, cases[i].text, &error), TENO_USAGE);
        if (!strstr(error.message, cases[i].message)) print_error("'%s' lacks '%s'\n", error.message, cases[i].message);
        assert_non_null(strstr(error.message, cases[i].message));
    }
    Markups markups;
    Error error = {0};
    assert_int_equal(markups_read(&markups, "/nonexistent/seeds.fcsv", &error), TENO_USAGE);
    assert_non_null(strstr(error.message, "/nonexistent/seeds.fcsv: the seeds cannot be opened"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_of_slicer),
        cmocka_unit_test(table_of_older_slicers),
        cmocka_unit_test(what_is_wrong_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

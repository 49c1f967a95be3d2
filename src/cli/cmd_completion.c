/* teno completion: what bash and zsh offer after TAB, from the same tables as --help. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "teno/output.h"
#include "teno/phantom.h"
#include "teno/tendon.h"

typedef enum Values { VALUES_NONE, VALUES_WORDS, VALUES_FILES } Values;

/* What an option's argument may be. */
static Values values_of(const OptionHelp *option)
{
    static const char *const paths[] = {"OUT", "DIR", "FILE", "REPORT", "INPUT"};
    if (strcmp(option->name, "tendon") == 0 || strcmp(option->name, "side") == 0 || strcmp(option->name, "write") == 0)
        return VALUES_WORDS;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (option->argument && strcmp(option->argument, paths[i]) == 0) return VALUES_FILES;
    return VALUES_NONE;
}

static void print_words(const OptionHelp *option)
{
    if (strcmp(option->name, "side") == 0) fputs("left right", stdout);
    if (strcmp(option->name, "tendon") == 0) {
        fputs("all", stdout);
        for (int i = 0; i < tendon_count; i++) printf(" %s", tendon_table[i].name);
    }
    for (int i = 0; i < writer_count && strcmp(option->name, "write") == 0; i++)
        printf("%s%s", i ? " " : "", writer_table[i].name);
}

static void print_cases(void)
{
    for (int i = 0; i < phantom_case_count(); i++) printf("%s%s", i ? " " : "", phantom_case_name(i));
}

/* case "$command $previous" in ... words for the arguments of one command's options. */
static void bash_values(const Command *command)
{
    OptionHelp option;
    for (int i = 0; option_help(&option, command->usage->command_bit, i); i++) {
        if (!option.argument) continue;
        printf("    \"%s --%s\"", command->name, option.name);
        if (option.letter) printf(" | \"%s -%c\"", command->name, option.letter);
        fputs(") ", stdout);
        if (values_of(&option) == VALUES_WORDS) {
            fputs("words='", stdout);
            print_words(&option);
            fputs("'", stdout);
        } else {
            fputs(values_of(&option) == VALUES_FILES ? "files=1" : "words=''", stdout);
        }
        puts(" ;;");
    }
}

static void bash_options(const Command *command)
{
    OptionHelp option;
    printf("      %s) words='", command->name);
    for (int i = 0; option_help(&option, command->usage->command_bit, i); i++)
        printf("%s--%s", i ? " " : "", option.name);
    puts("' ;;");
}

static void bash_print(void)
{
    puts("# bash completion of teno; made by: teno completion bash\n_teno() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words='' files=\n"
         "  COMPREPLY=()");
    fputs("  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words='", stdout);
    for (const Command *c = commands; c->name; c++) printf("%s ", c->name);
    puts("--help --version'\n  else\n    case \"$command ${COMP_WORDS[COMP_CWORD - 1]}\" in");
    for (const Command *c = commands; c->name; c++)
        if (c->usage) bash_values(c);
    fputs("    \"manual \"*) words='", stdout);
    for (const Command *c = commands; c->name; c++)
        if (c->usage) printf("%s ", c->name);
    puts("' ;;\n    \"completion \"*) words='bash zsh' ;;");
    puts("    *)\n      case $current in\n      -*)\n      case $command in");
    for (const Command *c = commands; c->name; c++)
        if (c->usage) bash_options(c);
    fputs("      esac ;;\n      *)\n        files=1\n        [ \"$command\" != phantom ] || words='", stdout);
    print_cases();
    puts("' ;;\n      esac ;;\n    esac\n  fi\n"
         "  local word\n"
         "  while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(\n"
         "    compgen -W \"$words\" -- \"$current\" || :\n"
         "    [ -z \"$files\" ] || compgen -f -- \"$current\")\n"
         "}\ncomplete -o filenames -F _teno teno");
}

/* Text inside '[...]' of a zsh specification. */
static void zsh_text(const char *text)
{
    for (; *text; text++) {
        if (strchr("[]:\\", *text)) putchar('\\');
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*text);
    }
}

static void zsh_option(const OptionHelp *option)
{
    if (option->letter)
        printf("        {-%c%s,--%s%s}'[", option->letter, option->argument ? "+" : "", option->name,
               option->argument ? "=" : "");
    else
        printf("        '--%s%s[", option->name, option->argument ? "=" : "");
    zsh_text(option->text);
    putchar(']');
    if (option->argument) {
        putchar(':');
        zsh_text(option->argument);
        putchar(':');
        if (values_of(option) == VALUES_FILES) fputs("_files", stdout);
        if (values_of(option) == VALUES_WORDS) {
            putchar('(');
            print_words(option);
            putchar(')');
        }
    }
    puts("' \\");
}

static void zsh_print(void)
{
    puts("#compdef teno\n# zsh completion of teno; made by: teno completion zsh\n_teno() {\n"
         "  local state\n  local -a commands\n  commands=(");
    for (const Command *c = commands; c->name; c++) {
        printf("    '%s:", c->name);
        zsh_text(c->summary);
        puts("'");
    }
    puts("  )\n  _arguments -C '1:command:->command' '*::argument:->arguments'\n  case $state in\n"
         "  command) _describe command commands ;;\n  arguments)\n    case $words[1] in");
    for (const Command *c = commands; c->name; c++) {
        if (!c->usage) continue;
        OptionHelp option;
        printf("    %s)\n      _arguments -s \\\n", c->name);
        for (int i = 0; option_help(&option, c->usage->command_bit, i); i++) zsh_option(&option);
        if (c->usage == &usage_phantom) {
            fputs("        '*:case:(", stdout);
            print_cases();
            puts(")' ;;");
        } else {
            puts("        '*:input:_files' ;;");
        }
    }
    puts("    completion) _values shell bash zsh ;;\n    esac ;;\n  esac\n}\n_teno \"$@\"");
}

int cmd_completion(int argc, char **argv, Error *error)
{
    if (argc == 2 && strcmp(argv[1], "bash") == 0)
        bash_print();
    else if (argc == 2 && strcmp(argv[1], "zsh") == 0)
        zsh_print();
    else
        return error_set(error, TENO_USAGE, "wanted: teno completion bash, or: teno completion zsh");
    return TENO_OK;
}

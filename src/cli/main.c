#include <stdio.h>

int main(void)
{
    puts("teno " TENO_VERSION);
    return 0;
}

"""What the tests need around them: throwaway servers, a browser, and the commands behind `make test` and `make check`."""

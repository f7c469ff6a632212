"""The proof: a back-test on rolling origins, its verdict, its JSON and its report."""

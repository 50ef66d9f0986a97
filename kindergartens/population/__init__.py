"""Population of preschool age: by town, year, base and single age, and births that come forward."""
